"""Names of the simulated campus: fictitious people and plausible courses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

GIVEN_NAMES = tuple(
    """Aarav Adaeze Aisha Akira Alba Alejandro Amara Amina Anders Ananya Anita Arjun Astrid Beatriz Ben Bianca Bruno
    Camila Carla Carlos Chen Chidi Chloe Clara Dalia Daniel Daria Deepak Diego Dmitri Elena Eli Elif Emeka Emma Enzo
    Erik Esra Fatima Felix Fiona Freya Gabriel Giulia Grace Hana Hannah Haruto Helena Henrik Hugo Ida Igor Ines Ingrid
    Isha Ivan Jan Jin Joana Jonas Julia Kaito Karim Katarina Kavya Kofi Lars Lea Leila Leon Liam Lina Lucas Lucia
    Magnus Maja Malik Marco Maren Marta Mateo Maya Mei Milan Mina Mira Nadia Naomi Neha Nico Nils Noah Nora Olga Oluchi
    Omar Oscar Paula Pedro Petra Priya Rafael Rania Ravi Rosa Ruben Sana Sara Sofia Soren Tariq Tessa Thiago Tomas
    Valentina Vera Victor Wei Yara Yuki Yusuf Zainab Zoe""".split()  # noqa: SIM905
)

FAMILY_NAMES = tuple(
    """Abara Acosta Adeyemi Ahmed Almeida Andersen Bakker Banerjee Bauer Becker Bennett Bergman Bianchi Borges Brandt
    Carvalho Castillo Chaudhary Cho Costa Dahl Das Dubois Ekberg Eriksen Farah Fischer Flores Fontaine Fujita Garcia
    Ghosh Grant Gupta Haddad Hansen Hartmann Hassan Hoffmann Ibrahim Ishikawa Iyer Jansen Jensen Joshi Kang Kapoor
    Keller Khan Kimura Klein Kovacs Kowalski Krishnan Lambert Larsen Laurent Lim Lindberg Lopes Mancini Marino Martins
    Mbeki Mehta Meyer Mitchell Molina Moreau Moretti Mwangi Nakamura Navarro Nguyen Nielsen Novak Nwosu Obi Okafor
    Olsen Ortega Osei Patel Pereira Petrov Popescu Quinn Rahman Ramos Rao Reyes Ricci Rojas Romano Rossi Sato Schmidt
    Schneider Sharma Silva Singh Soto Suzuki Takeda Torres Usman Vargas Vogel Wagner Walsh Weber Winkler Wong Yamada
    Yilmaz Zhang Ziegler""".split()  # noqa: SIM905
)

#: Field of study: course titles, then lesson topics. The first title of each field is a popular one.
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "stats": (
        (
            "Statistics for Everyone",
            "Data Analysis with Python",
            "Machine Learning Foundations",
            "Bayesian Thinking",
            "Experiments and A/B Testing",
            "Forecasting in Practice",
            "Data Visualisation",
            "SQL for Analysts",
        ),
        (
            "Why we measure",
            "Kinds of data",
            "Mean, median and spread",
            "Looking at distributions",
            "Sampling and bias",
            "Probability without fear",
            "Confidence intervals",
            "Testing a hypothesis",
            "Correlation is not cause",
            "Simple regression",
            "More than one predictor",
            "When a model overfits",
            "Missing data",
            "Charts that tell the truth",
            "Telling a story with numbers",
            "Case study: bike rentals",
        ),
    ),
    "code": (
        (
            "Programming with Python",
            "Web Development Essentials",
            "Algorithms and Data Structures",
            "Databases from Scratch",
            "Linux and the Command Line",
            "Testing and Clean Code",
            "Cloud Fundamentals",
            "Git and Teamwork",
        ),
        (
            "Your first program",
            "Names and values",
            "Making decisions",
            "Loops and collections",
            "Functions that explain themselves",
            "Reading and writing files",
            "Errors and how to read them",
            "Objects and classes",
            "Working with packages",
            "Talking to an API",
            "Storing data",
            "Searching and sorting",
            "Measuring speed",
            "Writing tests first",
            "Reading other people's code",
            "Project: a small service",
        ),
    ),
    "biz": (
        (
            "Project Management",
            "Accounting Basics",
            "Marketing Fundamentals",
            "Entrepreneurship",
            "Negotiation",
            "Supply Chains",
            "Business Law Overview",
            "Leading a Team",
        ),
        (
            "What a business is",
            "Stakeholders and goals",
            "Reading a balance sheet",
            "Costs and margins",
            "Knowing the customer",
            "Pricing",
            "Planning and estimates",
            "Risks and what to do about them",
            "Running a meeting",
            "Giving feedback",
            "Contracts in plain words",
            "Working with suppliers",
            "Cash flow",
            "Presenting to a board",
            "Ethics at work",
            "Case study: a bakery grows",
        ),
    ),
    "health": (
        (
            "Human Anatomy",
            "Nutrition and Health",
            "Public Health Basics",
            "First Aid at Work",
            "Nursing Fundamentals",
            "Psychology of Stress",
            "Sleep Science",
            "Medical Terminology",
        ),
        (
            "Cells and tissues",
            "The skeleton",
            "Muscles and movement",
            "The heart",
            "Breathing",
            "Digestion",
            "The nervous system",
            "Hormones",
            "Immunity and vaccines",
            "Reading a health study",
            "Hygiene and infection",
            "Observing a patient",
            "Emergencies, step by step",
            "Food and energy",
            "Habits that last",
            "Case study: an outbreak",
        ),
    ),
    "lang": (
        (
            "Spanish for Beginners",
            "Academic Writing in English",
            "German A2",
            "Japanese Basics",
            "French Conversation",
            "Portuguese for Travel",
            "Business English",
            "Mandarin Foundations",
        ),
        (
            "Sounds and spelling",
            "Greetings",
            "Numbers and time",
            "Family and friends",
            "At the market",
            "Finding the way",
            "Talking about yesterday",
            "Plans for tomorrow",
            "Asking politely",
            "Telephone and mail",
            "Reading a short story",
            "Describing a picture",
            "Agreeing and disagreeing",
            "Work and study",
            "Idioms",
            "A conversation of ten minutes",
        ),
    ),
    "sci": (
        (
            "Calculus I",
            "Physics in Everyday Life",
            "Chemistry of Materials",
            "Linear Algebra",
            "Climate and Energy",
            "Genetics",
            "Astronomy for All",
            "Electric Circuits",
        ),
        (
            "Quantities and units",
            "Functions and graphs",
            "Limits",
            "Rates of change",
            "Motion",
            "Forces",
            "Energy",
            "Waves",
            "Heat",
            "Atoms and bonds",
            "Vectors",
            "Matrices",
            "Fields",
            "Measuring and error",
            "Models and their limits",
            "Experiment: a pendulum at home",
        ),
    ),
    "arts": (
        (
            "Graphic Design",
            "Music Theory",
            "Photography",
            "History of Art",
            "Creative Writing",
            "Film Studies",
            "Typography",
            "Drawing for Beginners",
        ),
        (
            "Seeing before doing",
            "Line and shape",
            "Light",
            "Colour",
            "Composition",
            "Rhythm",
            "Harmony",
            "Contrast",
            "Character",
            "Scene and sequence",
            "Styles through the ages",
            "Working from a brief",
            "Critique without tears",
            "Materials and tools",
            "Building a portfolio",
            "Final piece",
        ),
    ),
    "work": (
        (
            "Workplace Safety",
            "Data Protection Training",
            "Anti-Bribery Essentials",
            "Information Security",
            "Inclusive Recruiting",
            "Customer Service",
            "Time Management",
            "Remote Work Skills",
        ),
        (
            "Why this training exists",
            "The rules in ten minutes",
            "Spotting a risk",
            "Who is responsible",
            "Reporting an incident",
            "Passwords and devices",
            "Handling personal data",
            "Difficult conversations",
            "Mail that gets answered",
            "Protecting focus",
            "Working across time zones",
            "Listening",
            "When something goes wrong",
            "Keeping records",
            "Questions from practice",
            "Checklist for Monday",
        ),
    ),
}


_COLOURS = (
    *(
        "Amber",
        "Azure",
        "Bronze",
        "Cobalt",
        "Copper",
        "Coral",
        "Crimson",
        "Emerald",
        "Golden",
        "Indigo",
        "Ivory",
        "Jade",
    ),
    *(
        "Lilac",
        "Maroon",
        "Ochre",
        "Olive",
        "Onyx",
        "Pearl",
        "Ruby",
        "Russet",
        "Sable",
        "Sapphire",
        "Scarlet",
        "Silver",
    ),
)

_ANIMALS = (
    *(
        "Badger",
        "Bison",
        "Crane",
        "Dolphin",
        "Eagle",
        "Falcon",
        "Fox",
        "Gecko",
        "Gull",
        "Hare",
        "Heron",
        "Ibex",
    ),
    *(
        "Jaguar",
        "Kestrel",
        "Lark",
        "Lemur",
        "Lynx",
        "Marten",
        "Newt",
        "Ocelot",
        "Osprey",
        "Otter",
        "Owl",
        "Panther",
    ),
    *(
        "Puffin",
        "Raven",
        "Robin",
        "Salmon",
        "Seal",
        "Shrike",
        "Stoat",
        "Swift",
        "Tern",
        "Vole",
        "Walrus",
        "Wren",
    ),
)


def nicknames() -> Iterator[str]:
    """Names for leaderboards, no two alike."""
    return (f"{colour} {animal}" for animal, colour in product(_ANIMALS, _COLOURS))


#: By the beginning of a course's id: the skills that its assessments test, one after the other.
SKILLS = {
    "biz": ("management", "planning", "negotiation", "finance"),
    "stats": ("statistics", "data analysis", "probability", "visualisation"),
    "code": ("programming", "algorithms", "debugging", "testing"),
    "lang": ("languages", "reading", "listening", "writing"),
}


def skill_of(course_id: str, nth: int) -> str:
    """What the n-th assessment of a course tests; empty where nothing is known of its field."""
    skills = SKILLS.get(course_id.partition("-")[0], ())
    return skills[nth % len(skills)] if skills else ""
