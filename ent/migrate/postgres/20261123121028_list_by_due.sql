-- +goose Up
-- create index "workorder_tenant_due_at_id" to table: "work_orders"
CREATE INDEX "workorder_tenant_due_at_id" ON "work_orders" ("tenant", "due_at", "id");

-- +goose Down
-- reverse: create index "workorder_tenant_due_at_id" to table: "work_orders"
DROP INDEX "workorder_tenant_due_at_id";
