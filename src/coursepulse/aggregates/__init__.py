"""What is kept per session, course day, learner and video: replaced whole, never incremented."""
