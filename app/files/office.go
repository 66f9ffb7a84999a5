package files

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"regexp"
	"strings"
)

const (
	officeParts    = 5_000
	unpackedOffice = 100 << 20 // bytes that one Office file may unpack to
	readOffice     = 4 << 20   // bytes of all the parts that say what the others are
	parsedOffice   = 24 << 20  // bytes of all the parts that may have fields or formulas that fetch
)

// cleanOffice refuses a docx or xlsx that carries a program or fetches something when it is opened (宏、对象、外部模板), and takes out
// who made it: its properties, the authors of remarks and changes, the data beside its pictures.
func cleanOffice(b []byte) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return nil, damaged()
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(z.File) > officeParts {
		return nil, damaged()
	}
	left, seen := budget{unpackedOffice, readOffice, parsedOffice}, map[string]bool{}
	for _, part := range z.File {
		name := strings.ToLower(part.Name)
		// A name that is twice there, or leads out, is read in one way by one program and in another by the next.
		if seen[name] || strings.Contains(name, `\`) || strings.HasPrefix(name, "/") || strings.Contains(name, "..") {
			return nil, damaged()
		}
		seen[name] = true
		if part.Flags&1 != 0 {
			return nil, refuse("ENCRYPTED_FILE", "文件加了密码，无法检查。请去掉密码后再上传。")
		}
		if err := partName(name); err != nil {
			return nil, err
		}
		if err := partContent(part, name, &left); err != nil {
			return nil, err
		}
	}
	if !seen["[content_types].xml"] || !seen["word/document.xml"] && !seen["xl/workbook.xml"] {
		return nil, damaged()
	}
	return anonymous(z)
}

// anonymous writes the file anew without its authors. Parts that name none are taken over as they are, packed.
func anonymous(z *zip.Reader) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range z.File {
		nameless := nameless(strings.ToLower(part.Name))
		if nameless == nil {
			if err := w.Copy(part); err != nil {
				return nil, damaged()
			}
			continue
		}
		r, err := part.Open()
		if err != nil {
			return nil, damaged()
		}
		content, err := io.ReadAll(io.LimitReader(r, unpackedOffice)) // as much was unpacked before
		_ = r.Close()
		if err != nil {
			return nil, damaged()
		}
		if content, err = nameless(content); err != nil {
			return nil, err
		}
		to, err := w.Create(part.Name)
		if err == nil {
			_, err = to.Write(content)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var (
	// Who wrote a remark or a change, in Word and in Excel; where the file lay on its author's disk.
	authorRE = regexp.MustCompile(`(\s(?:[\w.-]+:)?(?:author|initials|userName|displayName|userId|lastEdited|providerId)=)("[^"]*"|'[^']*')`)
	listedRE = regexp.MustCompile(`(<(?:[\w.-]+:)?author>)[^<]*(</)`)
	pathRE   = regexp.MustCompile(`(absPath\s[^>]*?url=)("[^"]*"|'[^']*')`)
)

// nameless is how a part is freed of people; nil for a part that names none.
func nameless(name string) func([]byte) ([]byte, error) {
	switch {
	case name == "docprops/core.xml":
		return properties(`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`)
	case name == "docprops/app.xml":
		return properties(`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>`)
	case name == "docprops/custom.xml":
		return properties(`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>`)
	case strings.HasSuffix(name, ".jpg"), strings.HasSuffix(name, ".jpeg"):
		return cleanJPEG
	case strings.HasSuffix(name, ".png"):
		return cleanPNG
	case strings.HasSuffix(name, ".webp"):
		return cleanWebP
	case strings.HasSuffix(name, ".heic"), strings.HasSuffix(name, ".heif"):
		return cleanHEIC
	case strings.HasPrefix(name, "word/") && strings.HasSuffix(name, ".xml"), strings.HasPrefix(name, "xl/") && strings.HasSuffix(name, ".xml") &&
		!strings.HasPrefix(name, "xl/worksheets/"), strings.HasPrefix(name, "xl/revisions/"):
		return func(b []byte) ([]byte, error) {
			b = authorRE.ReplaceAll(b, []byte(`$1""`))
			b = listedRE.ReplaceAll(b, []byte(`$1$2`))
			return pathRE.ReplaceAll(b, []byte(`$1""`)), nil
		}
	}
	return nil
}

func properties(empty string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) {
		return []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + empty), nil
	}
}

// partName refuses the parts that only programs and objects have.
func partName(name string) error {
	switch {
	case strings.Contains(name, "vbaproject"), strings.Contains(name, "vbadata"), strings.Contains(name, "/macrosheets/"):
		return active("宏")
	case strings.Contains(name, "activex/"), strings.Contains(name, "embeddings/"), strings.Contains(name, "oleobject"):
		return active("内嵌的对象")
	case strings.HasSuffix(name, ".tif"), strings.HasSuffix(name, ".tiff"): // says where it was taken, in ways that nobody here can take out
		return refuse("UNREADABLE_FILE", "文件里有TIFF图片，无法检查。请把图片转为JPG或PNG后再上传。")
	case strings.Contains(name, "externallinks/"):
		return active("外部数据链接")
	}
	return nil
}

// budget is how many bytes a file may still have of each sort.
type budget struct{ unpacked, read, parsed int64 }

// partContent unpacks a part, no further than is left for the whole file, and looks at what it could do.
func partContent(part *zip.File, name string, left *budget) error {
	r, err := part.Open()
	if err != nil {
		return damaged()
	}
	defer func() { _ = r.Close() }()
	describes := name == "[content_types].xml" || path.Ext(name) == ".rels"
	most := left.unpacked
	if describes {
		most = min(left.read, most)
	}
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return damaged()
	}
	n := int64(len(content))
	if left.unpacked -= n; describes {
		if left.read -= n; left.read < 0 { // no honest file says so much
			return damaged()
		}
	}
	switch {
	case left.unpacked < 0:
		return tooLarge()
	case name == "[content_types].xml":
		return contentTypes(content)
	case describes:
		return relationships(content)
	}
	return written(content, left)
}

func tooLarge() error {
	return refuse("UNREADABLE_FILE", "文件展开后过大，无法检查。请减少内容后再上传。")
}

// contentTypes refuses a file that says that a part of it is a program, whatever the part's name.
func contentTypes(b []byte) error {
	return elements(b, func(e xml.StartElement) error {
		for _, a := range e.Attr {
			v := strings.ToLower(a.Value)
			switch {
			case strings.Contains(v, "macroenabled"), strings.Contains(v, "vbaproject"), strings.Contains(v, "macrosheet"):
				return active("宏")
			case strings.Contains(v, "activex"), strings.Contains(v, "oleobject"):
				return active("内嵌的对象")
			case strings.HasSuffix(v, ".connections+xml"), strings.HasSuffix(v, ".querytable+xml"):
				return active("外部数据链接")
			}
		}
		return nil
	})
}

// relationships refuses what is fetched or started when the file is opened. Links that a person clicks are fine.
func relationships(b []byte) error {
	return elements(b, func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" {
			return nil
		}
		at := map[string]string{}
		for _, a := range e.Attr {
			at[a.Name.Local] = strings.ToLower(strings.TrimSpace(a.Value))
		}
		switch kind := path.Base(at["Type"]); {
		case kind == "vbaproject":
			return active("宏")
		case kind == "oleobject", kind == "control", kind == "package", kind == "activexcontrolbinary":
			return active("内嵌的对象")
		case kind == "afchunk": // a whole page or document, taken in when it is opened
			return active("内嵌的对象")
		case kind == "connections", kind == "querytable":
			return active("外部数据链接")
		case kind == "attachedtemplate":
			return active("外部模板")
		case kind != "hyperlink" && at["TargetMode"] == "external":
			return active("打开时自动读取的外部内容")
		}
		return nil
	})
}

// elements shows the start of each element of a part.
func elements(b []byte, look func(e xml.StartElement) error) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damaged()
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := look(e); err != nil {
				return err
			}
		}
	}
}
