package ledger_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

var membersOwner = ledger.OwnerOf(&v1alpha1.BulkUserImport{
	ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "hires", UID: "1"},
}, v1alpha1.GroupVersion.WithKind("BulkUserImport"), ledger.ImportMembersSuffix)

func memberIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("65f1c0ffee65f1c0%08x", i)
	}
	return ids
}

func readMembers(g *WithT, c *cluster) *ledger.Ledger {
	read, err := c.Read(context.Background(), membersOwner)
	g.Expect(err).NotTo(HaveOccurred())
	return read
}

// The size of remembered members is bounded, and equal members are not written again.
func TestMembers(t *testing.T) {
	for _, c := range []struct{ members, atMost int }{{0, 4 << 10}, {1, 4 << 10}, {10_000, 1 << 20}, {100_000, 10 << 20}} {
		t.Run(strconv.Itoa(c.members), func(t *testing.T) {
			g, ctx, api := NewWithT(t), context.Background(), newCluster()
			ids := memberIDs(c.members)
			references, err := api.Write(ctx, membersOwner, (*ledger.Ledger)(nil).WithMembers(ids))
			g.Expect(err).NotTo(HaveOccurred())
			size := 0
			for _, config := range api.configMaps(g) {
				size += config.Size()
			}
			t.Logf("%d members take %d bytes in %d ConfigMaps", c.members, size, len(references))
			g.Expect(size).To(BeNumerically("<=", c.atMost))

			read := readMembers(g, api)
			g.Expect(ledger.MembersOf(read, "sha256:older", ledger.MembersDigest(ids))).To(Equal(ids))

			writes, err := api.during(-1, func() error {
				again, err := api.Write(ctx, membersOwner, read.WithMembers(ids))
				g.Expect(again).To(Equal(references))
				return err
			})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(writes).To(BeZero())
		})
	}
}

// The rows of a run are not members, even if their users are those of the anchor.
func TestMembersOfNone(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	ids := memberIDs(3)
	g.Expect(ledger.MembersOf(nil, ledger.MembersDigest(nil))).To(BeNil())
	rows := entries(3)
	for i := range rows {
		rows[i].UserID = ids[i]
	}
	_, err := c.Write(ctx, membersOwner, run(1, rows))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ledger.MembersOf(readMembers(g, c), ledger.MembersDigest(ids))).To(BeNil())
}

// Editors of ConfigMaps cannot make a user a member: edited ConfigMaps are not read, and new
// ones with matching digests are not what the status anchors.
func TestMembersThatAreEdited(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	anchor := ledger.MembersDigest(memberIDs(2))
	references, err := c.Write(ctx, membersOwner, (*ledger.Ledger)(nil).WithMembers(memberIDs(2)))
	g.Expect(err).NotTo(HaveOccurred())

	_, err = c.Write(ctx, membersOwner, readMembers(g, c).WithMembers(memberIDs(3)))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ledger.MembersOf(readMembers(g, c), anchor)).To(BeNil())
	g.Expect(ledger.MembersOf(readMembers(g, c))).To(BeNil(), "without an anchor there is no member")

	config := c.configMap(g, references[0].ConfigMap)
	config.Data["results.csv"] += "4,,,,,,,65f1c0ffee65f1c0ffee0aaa,\n"
	g.Expect(c.Update(ctx, config)).To(Succeed())
	g.Expect(readMembers(g, c)).To(BeNil())
}

// A write of more, fewer or other members may be cut off at any ConfigMap. Then a Read returns
// all of them as they were, all as they will be, or none. The write can be repeated.
func TestAWriteOfMembersIsCutOff(t *testing.T) {
	before := memberIDs(5_000)
	for name, after := range map[string][]string{
		"others": memberIDs(5_200)[200:], "fewer": memberIDs(10), "more": memberIDs(9_000), "none": {},
	} {
		t.Run(name, func(t *testing.T) {
			for cut := range 6 {
				g, ctx, c := NewWithT(t), context.Background(), newCluster()
				_, err := c.Write(ctx, membersOwner, (*ledger.Ledger)(nil).WithMembers(before))
				g.Expect(err).NotTo(HaveOccurred())
				next := readMembers(g, c).WithMembers(after)
				writes, err := c.during(cut, func() error { _, err := c.Write(ctx, membersOwner, next); return err })
				if err == nil {
					g.Expect(writes).To(BeNumerically("<=", cut))
				}
				read := ledger.MembersOf(readMembers(g, c), ledger.MembersDigest(before), ledger.MembersDigest(after))
				g.Expect(read).To(Or(BeNil(), Equal(before), Equal(after)), "cut after %d", cut)
				if cut == 0 {
					g.Expect(read).To(Equal(before))
				}
				_, err = c.Write(ctx, membersOwner, readMembers(g, c).WithMembers(after))
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(ledger.MembersOf(readMembers(g, c), ledger.MembersDigest(after))).To(Equal(after))
			}
		})
	}
}
