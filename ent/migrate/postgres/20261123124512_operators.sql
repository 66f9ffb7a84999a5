-- +goose Up
-- modify "accounts" table
ALTER TABLE "accounts" ADD COLUMN "must_change" boolean NOT NULL DEFAULT false;
-- create "holiday_years" table
CREATE TABLE "holiday_years" ("id" uuid NOT NULL, "year" bigint NOT NULL, "source" character varying NOT NULL, "days" text NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "holiday_years_year_key" to table: "holiday_years"
CREATE UNIQUE INDEX "holiday_years_year_key" ON "holiday_years" ("year");

-- +goose Down
-- reverse: create index "holiday_years_year_key" to table: "holiday_years"
DROP INDEX "holiday_years_year_key";
-- reverse: create "holiday_years" table
DROP TABLE "holiday_years";
-- reverse: modify "accounts" table
ALTER TABLE "accounts" DROP COLUMN "must_change";
