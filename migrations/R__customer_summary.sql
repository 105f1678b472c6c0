CREATE OR REPLACE VIEW customer_summary AS
SELECT customer.id,
       customer.name,
       count(customer_order.id)               AS orders,
       coalesce(sum(customer_order.total), 0) AS spent,
       max(customer_order.ordered_at)         AS last_ordered_at
FROM customer
         LEFT JOIN customer_order ON customer_order.customer_id = customer.id
GROUP BY customer.id;
