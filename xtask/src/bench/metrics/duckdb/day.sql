select (sum(net) * 1000000000000 + 6) // 12 from segment where valid_from <= date '2025-12-31' and valid_until > date '2025-12-31'
