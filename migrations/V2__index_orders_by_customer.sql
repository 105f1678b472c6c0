-- PostgreSQL makes no index for a foreign key; a customer's newest orders come first.
CREATE INDEX customer_order_customer_id_ordered_at
    ON customer_order (customer_id, ordered_at DESC);
