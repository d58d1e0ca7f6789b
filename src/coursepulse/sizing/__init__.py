"""How many machines an installation needs: unit costs, a plan made of them, and a simulation of its worst hours."""
