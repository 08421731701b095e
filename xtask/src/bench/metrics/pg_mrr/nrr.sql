select nrr('all', '12 months', '2025-12-31') * 1e18
