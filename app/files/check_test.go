package files_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/app/files"
)

// secret is what somebody's phone writes beside a picture; nothing of it may be kept.
const secret = "GPS 39.9042N 116.4074E of Zhang San"

func picture() image.Image {
	m := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	return m
}

func segment(marker byte, data string) []byte {
	return append([]byte{0xFF, marker, byte((len(data) + 2) >> 8), byte(len(data) + 2)}, data...)
}

// exif says which way is up, and where it was.
func exif(up byte) string {
	return "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(up) + "\x00\x00\x00\x00\x00\x00\x00" + secret
}

func photo(up byte) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, picture(), nil)
	plain := b.Bytes()
	return slices.Concat(plain[:2], segment(0xE1, exif(up)), segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00"+secret), segment(0xFE, secret),
		plain[2:], []byte(secret))
}

func chunk(name, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func screenshot() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, picture())
	plain := b.Bytes()
	return slices.Concat(plain[:33], chunk("tEXt", secret), chunk("eXIf", secret), plain[33:], []byte(secret))
}

func riff(kind string, chunks ...string) []byte {
	body := kind
	for i := 0; i < len(chunks); i += 2 {
		data := chunks[i+1]
		body += chunks[i] + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))) + data
		if len(data)%2 == 1 {
			body += "\x00"
		}
	}
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body)
}

func webp() []byte {
	return riff("WEBP", "VP8X", "\x0C\x00\x00\x00\x27\x00\x00\x1D\x00\x00", "VP8L", "/\x27\x40\x07\x00picture", "EXIF", secret, "XMP ", secret)
}

func atom(name, data string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(data)+8))) + name + data
}

func video(brand string) []byte {
	return []byte(atom("ftyp", brand+"\x00\x00\x00\x00"+brand) + atom("moov", atom("mvhd", "header")+atom("udta", atom("\xa9xyz", secret))+
		atom("trak", atom("meta", secret)+atom("tkhd", "track"))) + atom("uuid", secret) + atom("mdat", "the picture itself"))
}

func heic() []byte {
	const head = "\x00\x00\x00\x00"
	build := func(at int) string {
		infe := func(id byte, kind string) string {
			return atom("infe", "\x02\x00\x00\x00\x00"+string(id)+"\x00\x00"+kind+"\x00")
		}
		place := func(id byte, from, size int) string {
			return "\x00" + string(id) + "\x00\x00\x00\x01" + string(binary.BigEndian.AppendUint32(nil, uint32(from))) + string(binary.BigEndian.AppendUint32(nil, uint32(size)))
		}
		return atom("ftyp", "heic\x00\x00\x00\x00mif1heic") + atom("meta", head+atom("hdlr", "pict")+
			atom("iinf", head+"\x00\x02"+infe(1, "hvc1")+infe(2, "Exif"))+
			atom("iloc", head+"\x44\x00\x00\x02"+place(1, at, 7)+place(2, at+7, len(secret))))
	}
	at := len(build(0)) + 8
	return []byte(build(at) + atom("mdat", "picture"+secret))
}

func pdf(more string) []byte {
	return []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + more + " >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" +
		"3 0 obj\n<< /Length 20 /Filter /FlateDecode >>\nstream\nx/JS y/Launch z pixels\nendstream\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n")
}

func packed(dict, text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return ">>\nendobj\n9 0 obj\n<< " + dict + " >>\nstream\r\n" + b.String() + "\nendstream\nendobj\n10 0 obj\n<<"
}

func office(main string, more ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	parts := append([]string{"[Content_Types].xml", `<Types><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"_rels/.rels", `<Relationships><Relationship Id="r" Type="http://x/hyperlink" Target="https://example.com" TargetMode="External"/></Relationships>`,
		main, "<document/>"}, more...)
	for i := 0; i < len(parts); i += 2 {
		w, _ := z.Create(parts[i])
		_, _ = w.Write([]byte(parts[i+1]))
	}
	_ = z.Close()
	return b.Bytes()
}

// words is a field whose instruction lies in so many pieces.
func words(pieces ...string) string {
	s := `<w:p><w:fldChar w:fldCharType="begin"/>`
	for _, p := range pieces {
		s += "<w:r><w:instrText>" + p + "</w:instrText></w:r>"
	}
	return s + `<w:fldChar w:fldCharType="separate"/><w:t>1</w:t><w:fldChar w:fldCharType="end"/></w:p>`
}

func rel(kind, mode string) string {
	return fmt.Sprintf(`<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="x" %s/></Relationships>`, kind, mode)
}

func sound() []byte { return append([]byte{0xFF, 0xFB, 0x90, 0x64}, bytes.Repeat([]byte{0}, 600)...) }

// welcome are files of every format that is taken in.
func welcome() map[string][]byte {
	return map[string][]byte{
		"image/jpeg": photo(6), "image/png": screenshot(), "image/webp": webp(), "image/heic": heic(), "video/mp4": video("isom"),
		"audio/mp4": video("M4A "), "application/pdf": pdf("/OpenAction [2 0 R /Fit]"),
		"audio/mpeg": append([]byte("ID3\x03\x00\x00\x00\x00\x00"+string(rune(len(secret)))+secret), sound()...),
		"audio/wav":  riff("WAVE", "fmt ", "0123456789abcdef", "LIST", secret, "data", "sound"),
		"audio/amr":  []byte("#!AMR\n<frames"),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": office("word/document.xml", "docProps/core.xml",
			"<cp:coreProperties><dc:creator>"+secret+"</dc:creator></cp:coreProperties>", "docProps/app.xml", "<Properties><Company>"+secret+"</Company></Properties>",
			"word/comments.xml", `<w:comments><w:comment w:id="1" w:author="`+secret+`" w:initials='`+secret+`'>意见</w:comment></w:comments>`,
			"word/people.xml", `<w15:people><w15:person w15:author="`+secret+`"><w15:presenceInfo w15:providerId="None" w15:userId="`+secret+`"/></w15:person></w15:people>`,
			"word/footer1.xml", words(" PAGE  ")+words(" TOC \\o \"1-3\" ")+`<w:p><w:fldChar w:fldCharType="begin"/><w:instrText>IF </w:instrText>`+words("MERGEFIELD x")+
				`<w:instrText> = "1" "a"</w:instrText><w:fldChar w:fldCharType="end"/></w:p>`,
			"word/media/image1.jpeg", string(photo(6)), "word/media/image2.png", string(screenshot())),
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": office("xl/workbook.xml", "docProps/custom.xml", "<p>"+secret+"</p>",
			"xl/comments1.xml", "<comments><authors><author>"+secret+"</author></authors></comments>",
			"xl/persons/person.xml", `<personList><person displayName="`+secret+`" id="{1}" userId="`+secret+`"/></personList>`),
	}
}

func TestEveryFormatIsToldByItsContentAndLosesWhatItsMakerWroteIntoIt(t *testing.T) {
	for want, content := range welcome() {
		clean, media, err := files.Check(content)
		if err != nil || media != want {
			t.Errorf("%s: %q, %v", want, media, err)
			continue
		}
		if bytes.Contains(unzipped(clean), []byte("GPS")) {
			t.Errorf("%s: keeps %q", want, secret)
		}
		again, media, err := files.Check(clean)
		if err != nil || media != want || !bytes.Equal(again, clean) {
			t.Errorf("%s: what was kept is not taken again: %v", want, err)
		}
	}
}

// unzipped is a file with the parts of an archive unpacked behind it.
func unzipped(b []byte) []byte {
	all := bytes.Clone(b)
	if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
		for _, part := range z.File {
			r, _ := part.Open()
			content, _ := io.ReadAll(r)
			all = append(all, content...)
		}
	}
	return all
}

func TestADocumentKeepsItsWordsAndItsPictures(t *testing.T) {
	clean, _, err := files.Check(welcome()["application/vnd.openxmlformats-officedocument.wordprocessingml.document"])
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(clean), int64(len(clean)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 10 || z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("%d parts, first %s", len(z.File), z.File[0].Name)
	}
	all := unzipped(clean)
	for _, want := range []string{"<document/>", `<w:comment w:id="1" w:author="" w:initials="">意见</w:comment>`, "Exif\x00\x00MM"} {
		if !bytes.Contains(all, []byte(want)) {
			t.Errorf("%q is gone", want)
		}
	}
}

func TestAPictureStaysTheSamePictureAndTheSameWayUp(t *testing.T) {
	clean, _, err := files.Check(photo(6))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(clean, []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")) {
		t.Error("it no longer says which way is up")
	}
	var plain bytes.Buffer
	_ = jpeg.Encode(&plain, picture(), nil)
	before, _ := jpeg.Decode(&plain)
	after, err := jpeg.Decode(bytes.NewReader(clean))
	if err != nil || !bytes.Equal(after.(*image.Gray).Pix, before.(*image.Gray).Pix) {
		t.Errorf("another picture: %v", err)
	}
	if clean, _, err = files.Check(screenshot()); err != nil {
		t.Fatal(err)
	}
	shot, err := png.Decode(bytes.NewReader(clean))
	if err != nil || !bytes.Equal(shot.(*image.Gray).Pix, picture().(*image.Gray).Pix) {
		t.Errorf("another picture: %v", err)
	}
	if clean, _, err = files.Check(heic()); err != nil || !bytes.Contains(clean, []byte("picture")) {
		t.Errorf("the picture of a HEIC is gone: %v", err)
	}
	if clean, _, err = files.Check(video("isom")); err != nil || !bytes.Contains(clean, []byte("the picture itself")) || len(clean) != len(video("isom")) {
		t.Errorf("the picture of a video is gone or has moved: %v", err)
	}
}

// unwelcome are files that are refused, each with its reason.
func unwelcome() map[string]map[string][]byte {
	bomb := strings.Repeat("\x00", 101<<20)
	return map[string]map[string][]byte{
		"UNSUPPORTED_FILE": {"page": []byte("<!DOCTYPE html><script>alert(1)</script>"), "drawing": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`),
			"program": []byte("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 60)), "archive": office("a.txt"), "text": []byte("你好"), "nothing": nil,
			"macro workbook of old": []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600))},
		"ACTIVE_CONTENT": {"script": pdf("/Names << /JavaScript 5 0 R >>"), "script in disguise": pdf("/X << /S /J#61v#61Script >>"),
			"launch": pdf("/A << /S /Launch >>"), "opening": pdf("/OpenAction 7 0 R"), "opening action": pdf("/OpenAction<</S/GoTo>>"),
			"file inside": pdf("/EmbeddedFile 5 0 R"), "packed script": pdf(packed("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", "1 0 << /S /JavaScript /JS (x) >>")),
			"packed without its name":         pdf(packed("/N 1 /First 4 /Filter [/FlateDecode]", "1 0 << /S /JavaScript >>")),
			"packed behind a false beginning": pdf(packed("/N 1 /First 4 /Filter /FlateDecode /X (1 0 obj )", "1 0 << /S /JavaScript >>")),
			"in a false stream":               pdf(">>\nendobj\n(\nstream\n5 0 obj\n<< /S /JavaScript >>\nendobj\nendstream\n) 6 0 obj <<"),
			"macro":                           office("word/document.xml", "word/vbaProject.bin", "x"), "macro by another name": office("word/document.xml", "word/x.bin", "x", "word/_rels/document.xml.rels", rel("vbaProject", "")),
			"object": office("word/document.xml", "word/embeddings/oleObject1.bin", "x"), "template": office("word/document.xml", "word/_rels/settings.xml.rels", rel("attachedTemplate", `TargetMode="External"`)),
			"picture from afar":           office("xl/workbook.xml", "xl/_rels/workbook.xml.rels", rel("image", `TargetMode="External"`)),
			"outside data":                office("xl/workbook.xml", "xl/externalLinks/externalLink1.xml", "x"),
			"web query":                   office("xl/workbook.xml", "xl/_rels/workbook.xml.rels", rel("connections", "")),
			"page taken in":               office("word/document.xml", "word/_rels/document.xml.rels", rel("aFChunk", "")),
			"program by a field":          office("word/document.xml", "word/header1.xml", words("DDE", "AUTO c:\\x cmd")),
			"picture by a field":          office("word/document.xml", "word/header1.xml", `<w:p><w:fldSimple w:instr=" INCLUDEPICTURE &quot;http://x/y&quot; "/></w:p>`),
			"a field that spells another": office("word/document.xml", "word/header1.xml", `<w:p><w:fldChar w:fldCharType="begin"/>`+words(" QUOTE 68")+`</w:p>`),
			"formula that fetches":        office("xl/workbook.xml", "xl/worksheets/sheet1.xml", "<worksheet><f>_xlfn.&#87;EBSERVICE(\"http://x\")</f></worksheet>")},
		"ENCRYPTED_FILE": {"protected": pdf("/Encrypt 5 0 R")},
		"UNREADABLE_FILE": {"picture nobody can clean": office("word/document.xml", "word/media/image1.tiff", "II*"), "odd packing": pdf(">>\nendobj\n9 0 obj\n<< /Type /ObjStm /Filter /LZWDecode >>\nstream\nabc\nendstream\nendobj\n1 0 obj <<"),
			"bomb": office("word/document.xml", "word/big.xml", bomb), "packed bomb": pdf(packed("/Type /ObjStm /Filter /FlateDecode", bomb))},
		"DAMAGED_FILE": {"half a photo": photo(1)[:300], "twice the same part": office("word/document.xml", "word/document.xml", "<other/>"),
			"archive behind a video": append(video("isom"), office("a.txt")...), "archive behind a PDF": append(pdf(""), append(office("a.txt"), "%%EOF"...)...),
			"page in a sound": append([]byte("#!AMR\n"), "<html><script>alert(1)</script>"...), "way out": office("word/document.xml", "../evil", "x"),
			"letters of 16 bits": office("word/document.xml", "word/header1.xml", "\xFF\xFE<\x00"), "letters of another kind": office("word/document.xml", "word/header1.xml", `<?xml version="1.0" encoding="utf-7"?><x/>`),
			"rels without end": office("word/document.xml", "word/_rels/x.rels", "<Relationships>"+strings.Repeat(" ", 5<<20))},
	}
}

func TestWhatCouldActByItselfHideOrOverflowIsRefusedWithItsReason(t *testing.T) {
	for reason, all := range unwelcome() {
		for name, content := range all {
			_, media, err := files.Check(content)
			no := new(files.Refusal)
			if !errors.As(err, &no) || no.Reason != reason || no.Words == "" {
				t.Errorf("%s: %s %v, want %s", name, media, err, reason)
			}
		}
	}
}

// FuzzCheck holds that no file brings the check down, and that what is kept once is kept as it is.
func FuzzCheck(f *testing.F) {
	for _, content := range welcome() {
		f.Add(content)
	}
	for _, all := range unwelcome() {
		for _, content := range all {
			if len(content) < 1<<16 {
				f.Add(content)
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		before := bytes.Clone(content)
		clean, media, err := files.Check(content)
		if !bytes.Equal(before, content) {
			t.Fatal("the file of the caller was changed")
		}
		if no := new(files.Refusal); err != nil {
			if !errors.As(err, &no) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		again, same, err := files.Check(clean)
		if err == nil && (same != media || !bytes.Equal(again, clean)) {
			t.Fatalf("%s became %s, or changed again", media, same)
		}
		if len(clean) > len(content)+40 && !strings.Contains(media, "office") { // the orientation alone is written anew
			t.Fatal("the file grew")
		}
	})
}

func TestTheGreatestFileIsCheckedInAMomentHoweverItIsMade(t *testing.T) {
	const size = 10 << 20
	worst := map[string][]byte{
		"names":         pdf(strings.Repeat("/a", size/2)),
		"escapes":       pdf("/" + strings.Repeat("#41", size/3)),
		"streams":       pdf(strings.Repeat("stream\n", size/7)),
		"packed names":  pdf(packed("/Type /ObjStm /Filter /FlateDecode", strings.Repeat("/a", 31<<20))),
		"relationships": office("word/document.xml", "word/_rels/a.rels", rel(strings.Repeat("x", 3<<20), "")),
		"parts":         office("word/document.xml", slices.Repeat([]string{"a", ""}, 60_000)...),
		"markup":        office("word/document.xml", "word/x.xml", "<a>"+strings.Repeat("<instrText/>", 5_000_000)+"</a>"),
		"zeros":         append(photo(1), make([]byte, size)...),
	}
	for name, content := range worst {
		begin := time.Now()
		_, _, _ = files.Check(content)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: %s", name, took)
		} else {
			t.Log(name, took)
		}
	}
}
