select nrr('all', trailing_period('12 months', '2025-12-31')) * 1e18
