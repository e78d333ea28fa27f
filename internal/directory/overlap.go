package directory

import "github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"

// fits reports whether nothing can have been skipped before the page.
func (c *cursor[T]) fits(page *jumpcloud.Page[T]) bool {
	if c.at == 0 || c.at >= c.read || c.last == "" {
		return true // it is the first one, or does not overlap on purpose
	}
	for _, item := range page.Items {
		if id := c.id(item); id != "" {
			return id == c.last || c.ordered && id < c.last
		}
	}
	return false
}

// ascends reports whether the page is in the order of the ids.
func (c *cursor[T]) ascends(page *jumpcloud.Page[T]) bool {
	last := ""
	for _, item := range page.Items {
		id := c.id(item)
		if id != "" && id <= last {
			return false
		}
		last = max(last, id)
	}
	return true
}

// visit calls visit for the new records, and determines where the next page begins: with the
// last record that has an id.
func (c *cursor[T]) visit(page *jumpcloud.Page[T], visit func(*T)) (visited bool) {
	read, last := c.at+len(page.Items), -1
	for i := range page.Items {
		id := c.id(page.Items[i])
		var isNew bool
		if id != "" {
			isNew, last = c.seen.add(id), i
		} else if isNew = c.at+i >= c.read; isNew {
			c.nameless++
		}
		if isNew {
			visited = true
			visit(&page.Items[i])
		}
	}
	switch {
	case c.trusts && page.Total >= 0:
		c.at = read
	case last < 0:
		c.at, c.last = read, ""
	default:
		c.at, c.last = max(c.at+last+1-c.overlap, 0), c.id(page.Items[last])
	}
	c.read = read
	return visited
}
