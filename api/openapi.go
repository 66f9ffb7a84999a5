// Package api is the contract; its protos are the source of every service, and this file carries the document made of them.
package api

import _ "embed"

// OpenAPI is the OpenAPI 3 document over all services.
//
//go:embed openapi.yaml
var OpenAPI []byte
