package store

// What the tests of migrations need besides the API.
var (
	MigrateSQLite = migrateSQLite
	Migrations    = migrations
	GlobalTypes   = global
)
