package consolidation

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hotline/tenants/calendar"
)

//go:embed annex.csv
var annexText string

// annex (附件) is the first version, before it is signed: the 32 entries of 国办发〔2020〕53号, which the office issued on 2020-12-28.
var annex = sync.OnceValue(func() Document {
	d := Document{Version: 1, Title: "地方12345热线归并清单", Basis: "国办发〔2020〕53号", Effective: "2020-12-28", Deadline: "2021-12-31",
		Issued: time.Date(2020, time.December, 28, 0, 0, 0, 0, calendar.Zone)}
	rows, err := csv.NewReader(strings.NewReader(annexText)).ReadAll()
	if err != nil || len(rows) != 33 {
		panic("the annex does not have its 32 entries")
	}
	for _, r := range rows[1:] { // mode,seq,name,number,authority,expert_seats
		seq, err := strconv.Atoi(r[1])
		if err != nil {
			panic(err)
		}
		d.Entries = append(d.Entries, Entry{Mode: r[0], Seq: seq, Title: r[2], Number: r[3], Authority: r[4], Experts: r[5] == "yes"})
	}
	return d
})

// isAnnex says whether a document is the annex, whoever signed it.
func (d *Document) isAnnex() bool {
	a := annex()
	return d.Version == 1 && d.Previous == "" && d.Basis == a.Basis && d.Effective == a.Effective && d.Deadline == a.Deadline &&
		d.Title == a.Title && slices.Equal(d.Entries, a.Entries)
}
