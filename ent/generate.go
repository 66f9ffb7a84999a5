// Package ent is generated from ent/schema; see ent/store for how it is opened.
package ent

//go:generate go tool ent generate --feature intercept,sql/upsert,sql/lock,sql/modifier,sql/execquery ./schema
