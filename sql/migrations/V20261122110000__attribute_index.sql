-- Everything that the members of an attribute's value are read from stands in the index, and the planner knows how
-- many there are: lower(value) is an expression, of which it keeps no statistics by itself.

drop index revenue.attribute_value_now;
create index attribute_value_now on revenue.attribute (name, lower(value)) include (account_key, value, valid_from, valid_until)
  where known_until = 'infinity';
create statistics revenue.attribute_value (mcv, ndistinct) on name, lower(value) from revenue.attribute;
comment on statistics revenue.attribute_value is 'How many accounts have which value of which attribute.';
