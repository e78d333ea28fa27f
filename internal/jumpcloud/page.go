package jumpcloud

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the largest page size that every list accepts (documented).
const pageSize = 100

// Page is one page of a list of API v2.
type Page[T any] struct {
	// Skip is the number of records before this page.
	Skip int
	// Total is the number of records when the page was read, from x-total-count (observed, but
	// not for every list); -1 if JumpCloud did not send it.
	Total int
	Items []T
}

// Last reports whether the list ends with this page. It ends at JumpCloud's total; if that is
// missing or less than what was read, it ends at a page that is not full. An empty page is
// always the last.
func (p *Page[T]) Last() bool {
	next := p.Skip + len(p.Items)
	if p.Total >= next && len(p.Items) > 0 {
		return p.Total == next
	}
	return len(p.Items) < pageSize
}

// pages reads a list of API v2 from record number skip on. It reads a page when the page is
// asked for, and ends with the last page or with an error; to continue after an error, start
// again at the next page's Skip. A list that changes while it is read may repeat or miss
// records, as UserPages may.
func pages[T any](ctx context.Context, c *Client, skip int, list request) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		for next := skip; ; {
			page, err := readPage[T](ctx, c, next, list)
			if err != nil {
				yield(nil, err)
				return
			}
			next += len(page.Items)
			last := page.Last()
			if !yield(page, nil) || last {
				return
			}
		}
	}
}

func readPage[T any](ctx context.Context, c *Client, skip int, list request) (*Page[T], error) {
	var items records[T]
	page := &Page[T]{Skip: skip}
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "skip": {strconv.Itoa(skip)}}
	maps.Copy(query, list.query)
	list.method, list.api, list.query, list.out, list.total = http.MethodGet, v2, query, &items, &page.Total
	if err := c.read(ctx, &list); err != nil {
		return nil, err
	}
	page.Items = items
	return page, nil
}

// convert converts the items of pages with form.
func convert[A, B any](pages iter.Seq2[*Page[A], error], form func(A) B) iter.Seq2[*Page[B], error] {
	return func(yield func(*Page[B], error) bool) {
		for page, err := range pages {
			if err != nil {
				yield(nil, err)
				return
			}
			items := make([]B, len(page.Items))
			for i, item := range page.Items {
				items[i] = form(item)
			}
			if !yield(&Page[B]{Skip: page.Skip, Total: page.Total, Items: items}, nil) {
				return
			}
		}
	}
}

// records is a list of API v2, which has no envelope. Many servers write an empty list as
// null. A record that cannot be read stays in the list with an empty id, so that it counts.
type records[T any] []T

func (r *records[T]) valid() bool { return anyShown(*r) }

// totalCount returns what x-total-count says, or -1.
func totalCount(header http.Header) int {
	total, err := strconv.Atoi(header.Get("X-Total-Count"))
	if err != nil || total < 0 {
		return -1
	}
	return total
}
