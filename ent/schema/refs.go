package schema

// Ref says that a column of a tenant table points to a row of another table of the same city.
type Ref struct{ Table, Column, To string }

// Refs are the foreign keys; the generator of the migrations adds the tenant to each.
var Refs = []Ref{
	{"assignments", "work_order_id", "work_orders"},
	{"clocks", "work_order_id", "work_orders"},
	{"clock_moves", "work_order_id", "work_orders"},
	{"clock_moves", "clock_id", "clocks"},
	{"applications", "work_order_id", "work_orders"},
	{"hand_offs", "work_order_id", "work_orders"},
	{"attachments", "work_order_id", "work_orders"},
	{"replies", "work_order_id", "work_orders"},
	{"replies", "assignment_id", "assignments"},
	{"callbacks", "work_order_id", "work_orders"},
	{"ratings", "work_order_id", "work_orders"},
	{"readings", "work_order_id", "work_orders"},
	{"receipts", "work_order_id", "work_orders"},
	{"transfers", "work_order_id", "work_orders"},
	{"transfer_acts", "transfer_id", "transfers"},
	{"outgoings", "transfer_id", "transfers"},
	{"presences", "work_order_id", "work_orders"},
}
