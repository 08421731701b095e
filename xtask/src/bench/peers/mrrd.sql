-- What arrived: the newest version of each record, its amount as it was sent.
select distinct on (stream, id) id,
       case stream when 'customers' then payload ->> 'balance' when 'prices' then payload ->> 'unit_amount'
                   when 'invoices' then payload ->> 'total' end
  from raw.record where not deleted order by stream, id, version desc;
