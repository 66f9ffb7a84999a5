package casework_test

import (
	"context"
	"io"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

// BenchmarkRender is what one order costs after it was read: opening and masking its personal data and making the message of it,
// and writing that as JSON.
func BenchmarkRender(b *testing.B) {
	town := housetest.Open(b, storetest.SQLiteURL(b), io.Discard)
	sample := nation.Requests()[0]
	sample.City, sample.Disposition, sample.Category = city, "in_scope", "1203"
	if _, err := town.Casework.Intake(agent(), play.Intake(sample)); err != nil {
		b.Fatal(err)
	}
	err := town.Store.View(as("supervisor."+city, tenants.Supervisor, ""), func(ctx context.Context) error {
		o, err := town.Store.Ent.WorkOrder.Query().First(ctx)
		if err != nil {
			return err
		}
		var out *pb.WorkOrder
		b.Run("message", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if out, err = town.Casework.Row(ctx, o); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("JSON", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (protojson.MarshalOptions{EmitDefaultValues: true}).Marshal(out); err != nil {
					b.Fatal(err)
				}
			}
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
