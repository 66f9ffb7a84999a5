package ledger

import (
	"bytes"
	"crypto"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	federationv1 "hotline/api/federation/v1"
)

func TestNoCitySpeaksForAnother(t *testing.T) {
	r := newRegion(t)
	i := r.walk()
	accept := r.on(tianjin, i, r.act("accept", i))
	byThief, err := Sign(accept, r.cities[tianjin].signing, r.cities[hebei].private)
	if err != nil {
		t.Fatal(err)
	}
	r.refuseBytes(byThief, federationv1.Reason_FORGED)

	// Under the thief's own key it is not Tianjin's.
	named, err := Sign(accept, r.cities[hebei].signing, r.cities[hebei].private)
	if err != nil {
		t.Fatal(err)
	}
	r.refuseBytes(named, federationv1.Reason_WRONG_KEY)

	// A signature from another act.
	var one, other federationv1.Signed
	for signed, into := range map[*federationv1.Command]*federationv1.Signed{accept: &one, r.on(tianjin, i, r.act("sign", i)): &other} {
		if err := proto.Unmarshal(r.sign(signed), into); err != nil {
			t.Fatal(err)
		}
	}
	one.Signature = other.Signature
	r.refuseBytes(marshal(t, &one), federationv1.Reason_FORGED)
}

func TestAStolenLeaderIsFoundOut(t *testing.T) {
	for _, verify := range []bool{false, true} {
		r := newRegion(t)
		if verify {
			_, rules := r.ledger.Region()
			rules.Version, rules.VerifyAtApply = rules.Version+1, true
			r.take(r.govern(beijing, setRules(rules)))
		}
		i := r.walk()
		forged, err := Sign(r.on(tianjin, i, r.act("accept", i)), r.cities[tianjin].signing, r.cities[hebei].private)
		if err != nil {
			t.Fatal(err)
		}
		// The leader lets it in; the city that would act on it does not.
		result, err := r.ledger.Apply(forged, r.now)
		if err != nil || (result.Reason == federationv1.Reason_FORGED) != verify {
			t.Error(verify, result, err)
		}
		if _, refusal := r.ledger.Verify(forged); refusal.GetReason() != federationv1.Reason_FORGED {
			t.Error(refusal)
		}
	}
}

func TestAClockThatRunsAheadIsNotAdmitted(t *testing.T) {
	r := newRegion(t)
	c := r.offer(beijing, tianjin)
	c.Time += 121_000
	r.refuse(c, federationv1.Reason_WRONG_CLOCK)
	c.Time -= 2_000
	r.take(c)
	i := c.Transfer
	r.now = r.now.Add(-10 * time.Minute)
	old := r.sign(r.on(tianjin, i, r.act("accept", i))) // signed before the offer was
	if result, _ := r.ledger.Apply(old, r.now); result.Reason != federationv1.Reason_WRONG_CLOCK {
		t.Error(result)
	}
}

func TestWhatIsNoCommandIsRefused(t *testing.T) {
	r := newRegion(t)
	good := r.offer(beijing, tianjin)
	for name, c := range map[string]struct {
		spoil func(*federationv1.Command)
		want  federationv1.Reason
	}{
		"of another group":         {func(c *federationv1.Command) { c.Group = "cheng-yu" }, federationv1.Reason_WRONG_GROUP},
		"of no group":              {func(c *federationv1.Command) { c.Group = "" }, federationv1.Reason_WRONG_GROUP},
		"an id of five bytes":      {func(c *federationv1.Command) { c.Id = c.Id[:5] }, federationv1.Reason_MALFORMED},
		"no time":                  {func(c *federationv1.Command) { c.Time = 0 }, federationv1.Reason_MALFORMED},
		"no act":                   {func(c *federationv1.Command) { c.Act = nil }, federationv1.Reason_MALFORMED},
		"an offer of no transfer":  {func(c *federationv1.Command) { c.Transfer = nil }, federationv1.Reason_MALFORMED},
		"an offer of number 0":     {func(c *federationv1.Command) { c.Transfer.Number = 0 }, federationv1.Reason_MALFORMED},
		"rules of a transfer":      {func(c *federationv1.Command) { c.Act = announce(1).Act }, federationv1.Reason_MALFORMED},
		"no mode that is known":    {func(c *federationv1.Command) { c.GetOffer().Mode = 9 }, federationv1.Reason_UNSUPPORTED},
		"too long":                 {func(c *federationv1.Command) { c.GetOffer().Sealed[0].Sealed = make([]byte, MaxCommand) }, federationv1.Reason_MALFORMED},
		"the offer of another":     {func(c *federationv1.Command) { c.Transfer.Origin = hebei }, federationv1.Reason_NOT_YOURS},
		"an order of a thousand 0": {func(c *federationv1.Command) { c.GetOffer().Order = string(make([]byte, 1000)) }, federationv1.Reason_MALFORMED},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			bad := clone(good)
			c.spoil(bad)
			r.refuse(bad, c.want)
		})
	}
	nobody := clone(good)
	nobody.City = "一"
	signed, _ := Sign(nobody, r.cities[beijing].signing, r.cities[beijing].private)
	r.t = t
	r.refuseBytes(signed, federationv1.Reason_MALFORMED)
	r.refuseBytes(nil, federationv1.Reason_MALFORMED)
	r.refuseBytes([]byte("no command"), federationv1.Reason_MALFORMED)
}

// An upgraded city writes a field, a value and an act that the others don't know.
func TestWhatOnlyANewerVersionKnowsIsRefusedByAllAlike(t *testing.T) {
	next := nextVersion(t)
	newer := knownIn(next)
	r := newRegion(t)
	offer := marshal(t, withKey(r, r.offer(beijing, tianjin)))
	plain := decodeAs(t, next, offer)
	if newer.newer(plain, 1) {
		t.Fatal("the newer node refuses what both know")
	}
	field := decodeAs(t, next, offer)
	body := field.Mutable(next.Fields().ByName("offer")).Message()
	body.Set(body.Descriptor().Fields().ByName("novelty"), protoreflect.ValueOfString("新"))
	value := decodeAs(t, next, offer)
	body = value.Mutable(next.Fields().ByName("offer")).Message()
	body.Set(body.Descriptor().Fields().ByName("mode"), protoreflect.ValueOfEnum(77))
	kind := decodeAs(t, next, offer)
	kind.Set(next.Fields().ByName("novel"), kind.NewField(next.Fields().ByName("novel")))
	for name, m := range map[string]*dynamicpb.Message{"a field": field, "a value": value, "an act": kind} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.refuseBytes(r.signText(beijing, marshal(t, m)), federationv1.Reason_UNSUPPORTED)
			if !newer.newer(m, 1) {
				t.Error("the newer node would take it while the region goes by version 1")
			}
			if newer.newer(m, 2) {
				t.Error("it is refused even when all know it")
			}
		})
	}
	// Zero, but there: to the older node unknown, to the newer one nothing. Both refuse.
	hidden := protowire.AppendVarint(protowire.AppendTag(nil, 900, protowire.VarintType), 0)
	r.t = t
	r.refuseBytes(r.signText(beijing, append(bytes.Clone(offer), hidden...)), federationv1.Reason_UNSUPPORTED)
	hidden = protowire.AppendVarint(protowire.AppendTag(nil, 7, protowire.VarintType), 0)
	acknowledge := r.acknowledge(tianjin, 1, r.walk())
	r.refuseBytes(r.signText(tianjin, append(marshal(t, withKey(r, acknowledge)), hidden...)), federationv1.Reason_MALFORMED)
	r.take(acknowledge)
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withKey(r *region, c *federationv1.Command) *federationv1.Command {
	c.Key = r.cities[c.GetCity()].signing.ID()
	return c
}

func decodeAs(t testing.TB, d protoreflect.MessageDescriptor, b []byte) *dynamicpb.Message {
	t.Helper()
	m := dynamicpb.NewMessage(d)
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// signText signs bytes that this build could not write.
func (r *region) signText(who string, text []byte) []byte {
	signature, err := r.cities[who].private.Sign(nil, append([]byte(prefix), text...), crypto.Hash(0))
	if err != nil {
		r.t.Fatal(err)
	}
	return marshal(r.t, &federationv1.Signed{Command: text, Signature: signature})
}

// nextVersion is what Command could look like in version 2.
func nextVersion(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	since := &descriptorpb.FieldOptions{}
	proto.SetExtension(since, federationv1.E_Since, uint32(2))
	valueSince := &descriptorpb.EnumValueOptions{}
	proto.SetExtension(valueSince, federationv1.E_ValueSince, uint32(2))

	transfer := protodesc.ToFileDescriptorProto(federationv1.File_federation_v1_transfer_proto)
	for _, m := range transfer.MessageType {
		if m.GetName() == "Offer" {
			m.Field = append(m.Field, &descriptorpb.FieldDescriptorProto{
				Name: proto.String("novelty"), Number: proto.Int32(90), Options: since, JsonName: proto.String("novelty"),
				Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			})
		}
	}
	for _, e := range transfer.EnumType {
		if e.GetName() == "Mode" {
			e.Value = append(e.Value, &descriptorpb.EnumValueDescriptorProto{Name: proto.String("NOVEL"), Number: proto.Int32(77), Options: valueSince})
		}
	}
	command := protodesc.ToFileDescriptorProto(federationv1.File_federation_v1_command_proto)
	for _, m := range command.MessageType {
		if m.GetName() == "Command" {
			m.Field = append(m.Field, &descriptorpb.FieldDescriptorProto{
				Name: proto.String("novel"), Number: proto.Int32(60), Options: since, JsonName: proto.String("novel"), OneofIndex: proto.Int32(0),
				Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
				TypeName: proto.String(".hotline.federation.v1.Deliver"),
			})
		}
	}
	files := &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{
		protodesc.ToFileDescriptorProto(descriptorpb.File_google_protobuf_descriptor_proto),
		protodesc.ToFileDescriptorProto(federationv1.File_federation_v1_region_proto), transfer, command,
	}}
	registry, err := protodesc.NewFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	return find(t, registry, "hotline.federation.v1.Command")
}

func find(t testing.TB, files *protoregistry.Files, name protoreflect.FullName) protoreflect.MessageDescriptor {
	d, err := files.FindDescriptorByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.(protoreflect.MessageDescriptor)
}
