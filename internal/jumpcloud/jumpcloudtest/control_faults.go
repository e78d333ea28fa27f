package jumpcloudtest

import "time"

// added answers with the number of what was added.
func added(id int) any { return map[string]int{"id": id} }

func (c control) addFault() (any, error) {
	var fault Fault
	if err := c.decode(&fault); err != nil {
		return nil, err
	}
	return added(c.server.Script(fault).number), nil
}

func (c control) listFaults() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	list := []any{}
	for _, script := range c.server.scripts {
		list = append(list, map[string]any{"id": script.number, "fault": script.fault, "caught": script.caught})
	}
	return list, nil
}

func (c control) removeFaults() (any, error) {
	c.server.RemoveFaults()
	return nil, nil
}

func (c control) removeFault() (any, error) {
	number, err := c.number()
	if err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, script := range c.server.scripts {
		if script.number == number {
			c.server.scripts = without(c.server.scripts, script)
			return nil, nil
		}
	}
	return nil, errNoSuch
}

func (c control) addHold() (any, error) {
	var hold struct {
		Match
		Point Point `json:"point"`
	}
	if err := c.decode(&hold); err != nil {
		return nil, err
	}
	return added(c.server.Hold(hold.Match, hold.Point).number), nil
}

// awaitHeld waits for the next request that reaches the hold, and returns nil (204) if none
// does in time.
func (c control) awaitHeld() (any, error) {
	timeout, err := c.durationParameter("timeout", 10*time.Second)
	if err != nil {
		return nil, err
	}
	hold, err := c.hold()
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case request := <-hold.arrived:
		return request, nil
	case <-timer.C:
	case <-c.request.Context().Done():
	case <-c.server.closed:
	}
	return nil, nil
}

func (c control) releaseHold() (any, error) {
	hold, err := c.hold()
	if err != nil {
		return nil, err
	}
	hold.Release()
	return nil, nil
}

func (c control) hold() (*Hold, error) {
	number, err := c.number()
	if err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, hold := range c.server.holds {
		if hold.number == number {
			return hold, nil
		}
	}
	return nil, errNoSuch
}
