package consolidation

import (
	"bytes"
	"context"
	"fmt"

	"hotline/ent"
	"hotline/ent/citynumber"
	"hotline/ent/numberchange"
)

// Broken (链条断裂) is one place where the history of a number is not what was written.
type Broken struct {
	Number string
	Seq    int
	Why    string
}

func (b Broken) Error() string {
	return fmt.Sprintf("号码 %s 的变更记录第 %d 行：%s", b.Number, b.Seq, b.Why)
}

// Verify (审计校验) walks the history of every number of the viewer's city.
func (s *Service) Verify(ctx context.Context) (lines int, broken []Broken, err error) {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return 0, nil, err
	}
	var numbers []*ent.CityNumber
	err = s.db.View(ctx, func(ctx context.Context) (err error) {
		numbers, err = s.ent().CityNumber.Query().Order(ent.Asc(citynumber.FieldNumber)).All(ctx)
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("numbers: %w", err)
	}
	for _, n := range numbers {
		var head []byte
		seq := 0
		for more := true; more; {
			err := s.db.View(ctx, func(ctx context.Context) error {
				page, err := s.ent().NumberChange.Query().Where(numberchange.Number(n.Number), numberchange.SeqGT(seq)).
					Order(ent.Asc(numberchange.FieldSeq)).Limit(500).All(ctx)
				more = len(page) == 500
				for _, l := range page {
					switch {
					case l.Seq != seq+1:
						broken = append(broken, Broken{n.Number, seq + 1, "缺行"})
					case !bytes.Equal(l.Seal, changeSeal(keys, head, l)):
						broken = append(broken, Broken{n.Number, l.Seq, "内容与封印不符"})
					}
					head, seq, lines = l.Seal, l.Seq, lines+1
				}
				return err
			})
			if err != nil {
				return lines, broken, fmt.Errorf("history of number %s: %w", n.Number, err)
			}
		}
		if seq != n.Changes || !bytes.Equal(head, n.ChangeHead) {
			broken = append(broken, Broken{n.Number, seq, "末行与台账不符"})
		}
	}
	return lines, broken, nil
}
