-- +goose Up
-- create index "rating_tenant_rated_at" to table: "ratings"
CREATE INDEX "rating_tenant_rated_at" ON "ratings" ("tenant", "rated_at");

-- +goose Down
-- reverse: create index "rating_tenant_rated_at" to table: "ratings"
DROP INDEX "rating_tenant_rated_at";
