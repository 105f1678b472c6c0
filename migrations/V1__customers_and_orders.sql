CREATE TABLE customer (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text        NOT NULL UNIQUE CHECK (email LIKE '%_@_%'),
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE customer_order (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint         NOT NULL REFERENCES customer (id),
    ordered_at  timestamptz    NOT NULL DEFAULT now(),
    total       numeric(12, 2) NOT NULL CHECK (total >= 0)
);

COMMENT ON COLUMN customer_order.total IS 'in euros, taxes included';
