-- +goose Up
-- modify "clocks" table
ALTER TABLE "clocks" ADD COLUMN "held" bigint NOT NULL DEFAULT 0;

-- +goose Down
-- reverse: modify "clocks" table
ALTER TABLE "clocks" DROP COLUMN "held";
