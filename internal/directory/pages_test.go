package directory

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// membersOf reads a group's members like a kind does.
func (w *world) membersOf(group string) *Pages[jumpcloud.GraphObject] {
	return NewPages(func(o jumpcloud.GraphObject) string { return o.ID },
		func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.GraphObject], error) {
			for page, err := range w.client.Load().UserGroupMemberPages(ctx, group, skip) {
				return page, err
			}
			return &jumpcloud.Page[jumpcloud.GraphObject]{}, nil
		})
}

func TestPagesReadAListOfOneObject(t *testing.T) {
	for name, omit := range map[string]bool{"with a total": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 250)
			w.org.Configure(func(b *jumpcloudtest.Behavior) { b.OmitTotalHeader = omit })
			group := w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "all"}, w.ids()...)
			pages := w.membersOf(group)
			w.Expect(pages.Items()).To(BeNil())
			w.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(Succeed())
			var ids []string
			for _, member := range pages.Items() {
				ids = append(ids, member.ID)
			}
			w.Expect(ids).To(ConsistOf(w.ids()))
			w.Expect(w.requests()).To(HaveLen(3))

			w.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(Succeed(), "what is complete stays so")
			w.Expect(w.requests()).To(BeEmpty())
		})
	}
}

func TestPagesGoOnAfterAnError(t *testing.T) {
	g, list := NewWithT(t), newFakeList(250)
	failure, failed := errors.New("passing"), false
	var skips []int
	pages := NewPages(itself, func(_ context.Context, skip int) (*jumpcloud.Page[string], error) {
		skips = append(skips, skip)
		if skip == 99 && !failed {
			failed = true
			return nil, failure
		}
		return list.page(skip), nil
	})
	g.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(MatchError(failure))
	g.Expect(pages.Items()).To(BeNil(), "half a list is none")
	g.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(Succeed())
	g.Expect(pages.Items()).To(HaveExactElements(list.records))
	g.Expect(skips).To(Equal([]int{0, 99, 99, 198}))
}

func TestPagesReadInSlices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, list := NewWithT(t), newFakeList(1000)
		pages := NewPages(itself, func(_ context.Context, skip int) (*jumpcloud.Page[string], error) {
			<-time.After(300 * time.Millisecond)
			return list.page(skip), nil
		})
		for range 2 {
			began := time.Now()
			g.Expect(pages.Advance(t.Context())).To(MatchError(ErrReading))
			g.Expect(time.Since(began)).To(BeNumerically("<=", 1500*time.Millisecond))
		}
		g.Expect(pages.Advance(t.Context())).To(Succeed())
		g.Expect(pages.Items()).To(HaveExactElements(list.records))
	})
}

// A list that moves is read once more; records that are gone by then are not in it.
func TestPagesOfAListThatMoves(t *testing.T) {
	g, list := NewWithT(t), newFakeList(250)
	moves, requests := 1, 0
	pages := NewPages(itself, func(_ context.Context, skip int) (*jumpcloud.Page[string], error) {
		requests++
		if skip == 99 && moves > 0 {
			moves--
			list.remove(3)
		}
		return list.page(skip), nil
	})
	g.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(Succeed())
	g.Expect(pages.Items()).To(HaveExactElements(list.records))
	g.Expect(requests).To(Equal(6))

	pages, moves = NewPages(itself, pages.fetch), 2
	g.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(MatchError(ErrIncomplete))
	g.Expect(pages.Items()).To(BeNil())
	g.Expect(whole(func() error { return pages.Advance(t.Context()) })).To(Succeed(), "the next one begins again")
	g.Expect(slices.Equal(pages.Items(), list.records)).To(BeTrue())
}
