package files

import (
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
)

// harmless are the fields (域) of a document that show something of the document itself. All others may fetch a file or a page, or
// start a program (DDE, INCLUDEPICTURE, INCLUDETEXT, LINK), also by spelling another field's name.
var harmless = map[string]bool{"": true, "=": true, "ADDRESSBLOCK": true, "ADVANCE": true, "AUTHOR": true, "BIBLIOGRAPHY": true, "CITATION": true,
	"CREATEDATE": true, "DATE": true, "DOCPROPERTY": true, "EDITTIME": true, "EQ": true, "FILENAME": true, "FILESIZE": true, "FORMCHECKBOX": true,
	"FORMDROPDOWN": true, "FORMTEXT": true, "GREETINGLINE": true, "HYPERLINK": true, "IF": true, "INDEX": true, "KEYWORDS": true, "LASTSAVEDBY": true,
	"LISTNUM": true, "MERGEFIELD": true, "NOTEREF": true, "NUMCHARS": true, "NUMPAGES": true, "NUMWORDS": true, "PAGE": true, "PAGEREF": true,
	"PRINTDATE": true, "REF": true, "REVNUM": true, "SAVEDATE": true, "SECTION": true, "SECTIONPAGES": true, "SEQ": true, "SHAPE": true, "STYLEREF": true,
	"SUBJECT": true, "SYMBOL": true, "TA": true, "TC": true, "TIME": true, "TITLE": true, "TOA": true, "TOC": true, "XE": true}

var (
	// What fetches by a formula in a sheet.
	fetchingRE = regexp.MustCompile(`(?i)\b(WEBSERVICE|IMAGE|RTD)\s*\(`)
	// Parts without any of these have neither a field nor such a formula, however they spell it.
	mayActRE = regexp.MustCompile(`(?i)instr|WEBSERVICE|IMAGE\s*\(|RTD\s*\(|&#|<!`)
)

// written looks at a part that is written in XML: refused are fields and formulas that fetch or start something (域、公式).
func written(b []byte, left *budget) error {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")), " \t\r\n")
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) { // 16 bits a letter: this looks for others
		return damaged()
	}
	if !bytes.HasPrefix(b, []byte("<")) || !mayActRE.Match(b) && plainProlog(b) {
		return nil
	}
	if left.parsed -= int64(len(b)); left.parsed < 0 {
		return tooLarge()
	}
	f := fields{}
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.Token()
		if err == io.EOF {
			return f.close()
		}
		if err != nil {
			return damaged()
		}
		if err := f.take(t); err != nil {
			return err
		}
	}
}

// plainProlog: the part is written in UTF-8, so that what is looked for looks as it is looked for.
func plainProlog(b []byte) bool {
	_, err := xml.NewDecoder(bytes.NewReader(b)).Token()
	return err == nil
}

// fields follows the fields of a part; an instruction may be spread over many elements, and fields lie within fields.
type fields struct {
	in      string // the element whose text counts: instrText, f
	open    []*field
	formula strings.Builder
}

// field is one whose name is read until it is known.
type field struct {
	text   strings.Builder
	judged bool
}

func (f *fields) take(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		switch f.in = t.Name.Local; f.in {
		case "fldChar":
			return f.mark(attribute(t, "fldCharType"))
		case "fldSimple":
			return judge(attribute(t, "instr"))
		}
	case xml.CharData:
		switch f.in {
		case "instrText", "delInstrText":
			if len(f.open) == 0 {
				f.open = append(f.open, &field{})
			}
			f.open[len(f.open)-1].text.Write(t)
		case "f", "formula", "formula1", "formula2", "definedName":
			f.formula.Write(t)
		}
	case xml.EndElement:
		if f.in = ""; f.formula.Len() > 0 {
			if fetchingRE.MatchString(f.formula.String()) {
				return active("打开时自动读取的外部内容")
			}
			f.formula.Reset()
		}
	}
	return nil
}

// mark is where a field begins, comes to its result, or ends: then its name, or that of the one around it, has been said.
func (f *fields) mark(kind string) error {
	if len(f.open) > 0 {
		top := f.open[len(f.open)-1]
		if kind == "begin" && !top.judged && strings.TrimSpace(top.text.String()) == "" {
			return active("名称由另一个域拼出的域") // whatever it will be called
		}
		if err := top.judge(); err != nil {
			return err
		}
	}
	switch {
	case kind == "begin":
		f.open = append(f.open, &field{})
	case kind == "end" && len(f.open) > 0:
		f.open = f.open[:len(f.open)-1]
	}
	return nil
}

func (f *fields) close() error {
	for _, open := range f.open {
		if err := open.judge(); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) judge() error {
	if f.judged {
		return nil
	}
	f.judged = true
	return judge(f.text.String())
}

// judge refuses an instruction unless its first word is harmless.
func judge(instruction string) error {
	word, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(instruction)), " ")
	if strings.HasPrefix(word, "=") {
		word = "="
	}
	if !harmless[word] {
		return active("会自动读取或启动别处内容的域（" + shortened(word) + "）")
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func shortened(word string) string {
	if r := []rune(word); len(r) > 20 {
		return string(r[:20])
	}
	return word
}
