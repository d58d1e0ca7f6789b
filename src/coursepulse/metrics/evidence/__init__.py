"""Why a number is what it is: for each number of the catalog the items that make it, or why there are none."""
