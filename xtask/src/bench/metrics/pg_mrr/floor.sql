select count(*) from revenue.timeline_net
