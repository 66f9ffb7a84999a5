package ledger

import federationv1 "hotline/api/federation/v1"

// clocks tell the time below which the region can't be any more. A stolen leader writes what it likes as the time beside an entry, and its
// own city signs what it likes: dated back, its offer would be overdue on arrival. So two cities must have come past a moment, and no one
// can push the region's time ahead alone either.
type clocks struct {
	first, second reading // the two latest, of different cities
}

// reading is the latest moment at which a city acted, by its own clock and the leader's, whichever was earlier.
type reading struct {
	city city
	at   int64
}

// hear notes when a city acted.
func (k *clocks) hear(who city, at int64) {
	switch now := (reading{who, at}); {
	case who == k.first.city:
		k.first.at = max(k.first.at, at)
	case at > k.first.at:
		k.first, k.second = now, k.first
	case at > k.second.at:
		k.second = now
	}
}

// least is the moment that two cities have come past; 0 before there are two.
func (k *clocks) least() int64 { return k.second.at }

// forget a city that was revoked: what it said of the time ahead of the others counts no more. Where the region has been, it has been.
func (k *clocks) forget(who city) {
	if who == k.first.city {
		k.first.at = k.second.at
	}
}

// forgetAll is how versions before 3 forget: until two cities have acted again the region's time is open.
func (k *clocks) forgetAll(who city) {
	switch who {
	case k.first.city:
		k.first, k.second = k.second, reading{}
	case k.second.city:
		k.second = reading{}
	}
}

func (k *clocks) records() (list []*federationv1.ClockRecord) {
	for _, r := range []reading{k.first, k.second} {
		if r.city != 0 {
			list = append(list, &federationv1.ClockRecord{City: r.city.String(), At: r.at})
		}
	}
	return list
}

func (k *clocks) load(list []*federationv1.ClockRecord) bool {
	for _, r := range list {
		who, good := parseCity(r.GetCity())
		if !good || who == k.first.city || k.second.city != 0 {
			return false
		}
		if k.first.city == 0 {
			k.first = reading{who, r.GetAt()}
		} else {
			k.second = reading{who, r.GetAt()}
		}
	}
	return k.first.at >= k.second.at
}
