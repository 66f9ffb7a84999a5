package casework

import "hotline/ent"

// Words that the staff write into open fields — instructions, remarks, measures, grounds, reasons — are scrubbed as they come
// in (去标识): a phone number or the petitioner's name typed there would otherwise leave without the privacy policy.
func (a *act) clean(texts ...*string) error {
	return a.cleanFor(a.order, texts...)
}

func (a *act) cleanFor(o *ent.WorkOrder, texts ...*string) (err error) {
	for _, t := range texts {
		if *t, err = a.keys.ScrubOf(*t, rowOf(o.ID), o.Name); err != nil {
			return err
		}
	}
	return nil
}
