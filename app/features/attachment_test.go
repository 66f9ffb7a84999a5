package features

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/url"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 附件.
func attachmentSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^市民补充附件“(.+)”，内容是一[张个](.+)$`, w.addsFile)
	sc.Step(`^(\S+)上传附件“(.+)”，内容是一张(照片)$`, func(ctx context.Context, who, title, what string) error {
		return w.act(ctx, who, "attach", &pb.AttachRequest{Title: title, Content: samples[what]})
	})
	sc.Step(`^(\S+)打开附件，理由是“(.+)”$`, w.opens)
	sc.Step(`^打开的文件是“(照片)”$`, func(what string) error { return same(w.file.GetContent(), samples[what]) })
	sc.Step(`^打开的文件里没有拍摄地点$`, func() error { return same(w.file.GetContent(), samples["照片"]) })
	sc.Step(`^(\S+)看到的文件名里没有“(.+)”，也没有“(.+)”$`, w.namedWithout)
	sc.Step(`^(\S+)要求市民补充“(.+)”$`, func(ctx context.Context, who, question string) error {
		return w.act(ctx, who, "await", &pb.AwaitRequest{Question: question})
	})
	sc.Step(`^(\S+)不再等待市民补充$`, w.waitsNoMore)
}

// samples are files as the sentences name them.
var samples = func() map[string][]byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil)
	photo := b.Bytes()
	place := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00 39.9042N 116.4074E"
	located := slices.Concat(photo[:2], []byte{0xFF, 0xE1, 0, byte(len(place) + 2)}, []byte(place), photo[2:])
	return map[string][]byte{"照片": photo, "带拍摄地点的照片": located, "只有半张的照片": photo[:len(photo)/2],
		"带脚本的PDF": []byte("%PDF-1.7\n1 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj\n%%EOF\n"), "带宏的Word文件": macro(),
		"网页": []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "程序": append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 64)...)}
}()

func macro() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"} {
		part, _ := z.Create(name)
		_, _ = part.Write([]byte("<x/>"))
	}
	_ = z.Close()
	return b.Bytes()
}

func (w *world) addsFile(ctx context.Context, title, what string) error {
	content, ok := samples[what]
	if !ok {
		return fmt.Errorf("不认识“%s”", what)
	}
	return w.door(ctx, "addFile", w.order.GetNumber(), &pb.AddFileRequest{Code: w.code, Title: title, Content: content})
}

// opens the first attachment; whoever can't see the order tries the name all the same.
func (w *world) opens(ctx context.Context, who, reason string) error {
	name, err := w.firstFile(ctx)
	if err != nil {
		return err
	}
	out := new(pb.AttachmentContent)
	if err = w.get(ctx, who, name+"?reason="+url.QueryEscape(reason), out); err == nil {
		w.file = out
	}
	return w.note(err)
}

func (w *world) firstFile(ctx context.Context) (string, error) {
	order := new(pb.WorkOrder)
	if err := w.get(ctx, "北京的话务员", w.order.GetName(), order); err != nil {
		return "", err
	}
	if len(order.GetAttachments()) == 0 {
		return "", errors.New("工单没有附件")
	}
	return order.GetAttachments()[0].GetName(), nil
}

func same(got, wanted []byte) error {
	if !bytes.Equal(got, wanted) {
		return fmt.Errorf("打开的是另一个文件，%d 字节", len(got))
	}
	return nil
}

func (w *world) namedWithout(ctx context.Context, who, name, number string) error {
	if err := w.look(ctx, who); err != nil || w.refused != nil {
		return err
	}
	title := w.order.GetAttachments()[0].GetTitle().GetText()
	if title == "" || strings.Contains(title, name) || strings.Contains(title, number) {
		return fmt.Errorf("文件名是“%s”", title)
	}
	return nil
}

func (w *world) waitsNoMore(ctx context.Context, who string) error {
	if err := w.look(ctx, who); err != nil || w.refused != nil {
		return err
	}
	for _, c := range w.order.GetClocks() {
		if c.GetStep() == "awaiting" && c.GetStopTime() == nil {
			return errors.New("还在等待市民补充")
		}
	}
	return nil
}
