-- The run rates are millionths a year: a twelfth of them, rounded half up at 1e-18.
select div(sum(net) * 1e12 + 6, 12) from plain.segment where valid_from <= '2025-12-31' and valid_until > '2025-12-31'
