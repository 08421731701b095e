select value, nrr * 1e18 from nrr_by('owner', '[2025-01-01,2026-01-01)')
