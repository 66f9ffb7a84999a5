// Package nation is the demo nation (演示国) as data: twelve cities in three regions with their units, categories, rules and
// people, and 240 invented requests. Everything here is fictional; no person, number or street is real.
package nation

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

//go:embed data
var data embed.FS

// City (城市) is a place of the demo nation.
type City struct {
	Code   string `json:"code"` // GB/T 2260
	Title  string `json:"title"`
	Region string `json:"region"`
	Suite  string `json:"suite"` // aes or sm
}

// Cities are the twelve cities, by code.
func Cities() []City { return cities() }

// Places (工作地) are where the people of the centre, the regions, a province (1000 and its two digits) and a ministry (1001NN, under the
// name that the national list has for it) work. They are rows of the same table with codes below
// 110000, where GB/T 2260 has none, so that signing in, keys and the record work there as in a city; they take no calls.
func Places() []City {
	return []City{
		{Code: "000000", Title: "国务院办公厅", Suite: "sm"},
		{Code: "100001", Title: "京津冀协调中心", Region: "京津冀", Suite: "aes"},
		{Code: "100002", Title: "长三角协调中心", Region: "长三角", Suite: "aes"},
		{Code: "100003", Title: "成渝协调中心", Region: "成渝", Suite: "aes"},
		{Code: "100032", Title: "江苏省政务服务办", Suite: "aes"},
		{Code: "100101", Title: "市场监管总局", Suite: "aes"},
	}
}

// Reason (分流理由) is why a request takes another branch than a work order, and the door it is shown.
type Reason struct {
	Code        string `json:"code"`
	Disposition string `json:"disposition"`
	Door        string `json:"door"`
}

// Reasons are all reasons of the samples.
func Reasons() []Reason { return reasons() }

// Caller (诉求人) is invented.
type Caller struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	IDNumber string `json:"id_number"`
	Address  string `json:"address"`
}

// Request (样例诉求) is one sample: what the citizen said, and how a good agent and dispatcher would treat it.
type Request struct {
	ID             string    `json:"id"`
	City           string    `json:"city"`
	Channel        string    `json:"channel"`
	ReceivedAt     time.Time `json:"received_at"`
	Caller         Caller    `json:"caller"`
	Confidential   bool      `json:"confidential"`
	Transcript     string    `json:"transcript"`
	Title          string    `json:"title"`
	Body           string    `json:"body"`
	Kind           string    `json:"kind"`
	Category       string    `json:"category"`
	Urgency        string    `json:"urgency"`
	Disposition    string    `json:"disposition"`
	Reason         string    `json:"reason"`
	Lead           string    `json:"lead"`   // title of the unit
	Assist         []string  `json:"assist"` // titles of the units
	District       string    `json:"district"`
	Location       string    `json:"location"`
	CrossCity      string    `json:"cross_city"` // whose matter it is, when not this city's
	RepeatOf       string    `json:"repeat_of"`
	LawEnforcement bool      `json:"law_enforcement"`
	Answer         string    `json:"answer"`
}

// Handled (办理城市) is the city in which the matter lies: the district is one of its, the units too.
func (r Request) Handled() string {
	if r.CrossCity != "" {
		return r.CrossCity
	}
	return r.City
}

// Requests are the 240 samples in the order they came in.
func Requests() []Request { return requests() }

// UnitCode finds the code of a unit by the title that the samples use; "" when there is none.
func UnitCode(title string) string {
	for _, u := range unitTypes() {
		if u.Title == title {
			return u.Code
		}
	}
	return ""
}

type unitType struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Kind  string `json:"kind"`
}

type sampleCategory struct {
	Code        string   `json:"code"`
	Title       string   `json:"title"`
	Definition  string   `json:"definition"`
	Distinguish string   `json:"distinguish"`
	Typical     []string `json:"typical"`
	Lead        string   `json:"lead"`
	Units       []string `json:"units"`
}

var (
	cities     = sync.OnceValue(func() []City { return list[City]("cities.json") })
	reasons    = sync.OnceValue(func() []Reason { return list[Reason]("reasons.json") })
	unitTypes  = sync.OnceValue(func() []unitType { return list[unitType]("units.json") })
	categories = sync.OnceValue(func() []sampleCategory { return list[sampleCategory]("categories.json") })
	requests   = sync.OnceValue(readRequests)
)

// list reads an embedded list. It panics when the program was built with damaged data; the tests read all of them.
func list[T any](name string) (all []T) {
	if err := json.Unmarshal(file(name), &all); err != nil {
		panic(fmt.Errorf("demo data %s: %w", name, err))
	}
	return all
}

func file(name string) []byte {
	text, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(fmt.Errorf("demo data: %w", err))
	}
	return text
}

func readRequests() (all []Request) {
	lines := bufio.NewScanner(bytes.NewReader(file("requests.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r Request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			panic(fmt.Errorf("demo data requests.jsonl: %w", err))
		}
		all = append(all, r)
	}
	return all
}
