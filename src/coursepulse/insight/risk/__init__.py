"""Risk as a probability: data sets, models that compete, calibration, reasons that add up, and what they are worth."""
