INSERT INTO customer (email, name)
VALUES ('ada@example.com', 'Ada Lovelace'),
       ('grace@example.com', 'Grace Hopper');

INSERT INTO customer_order (customer_id, total)
SELECT id, 19.90
FROM customer
WHERE email = 'ada@example.com';
