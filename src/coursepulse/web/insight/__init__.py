"""Models of risk for administrators: their cards, training, and the way back to an earlier one."""
