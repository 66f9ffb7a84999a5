-- +goose Up
-- modify "city_numbers" table
ALTER TABLE "city_numbers" ADD COLUMN "unconfirmed" character varying NOT NULL DEFAULT '';

-- +goose Down
-- reverse: modify "city_numbers" table
ALTER TABLE "city_numbers" DROP COLUMN "unconfirmed";
