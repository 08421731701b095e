select mrr_at('2025-12-31') * 1e18
