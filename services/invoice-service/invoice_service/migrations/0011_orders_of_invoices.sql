-- migrate:up
-- Why an invoice was voided stands in its order.
create index orders_of_invoice on orders (tenant_id, invoice_id);
