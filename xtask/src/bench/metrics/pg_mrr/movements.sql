-- Twelve times a twelfth that was rounded at the 18th decimal is the annual amount again at the sixth.
select period_start, round(opening * 12e6) as opening, round(new * 12e6) as new, round(reactivation * 12e6) as reactivation,
       round(expansion * 12e6) as expansion, round(contraction * 12e6) as contraction, round(churn * 12e6) as churn,
       round(closing * 12e6) as closing
  from mrr_movements('2021-01-01', '2026-01-01')
