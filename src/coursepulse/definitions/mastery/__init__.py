"""What somebody knows of a skill, and how sure that is, from answers to questions: docs/decisions/0048 says why so."""
