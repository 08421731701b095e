select nrr('segment:large', '[2025-01-01,2026-01-01)') * 1e18
