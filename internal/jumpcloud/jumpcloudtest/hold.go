package jumpcloudtest

// Point is a moment in the life of a request.
type Point string

const (
	// BeforeEffect is when the request has arrived and nothing was done.
	BeforeEffect Point = ""
	// AfterEffect is when the request has been carried out, and nothing answered.
	AfterEffect Point = "afterEffect"
)

// Hold stops requests at a Point until it is released. A held request goes on
// even if its client has gone away: so an effect can come after a time-out.
type Hold struct {
	arrived chan Request
}

// Hold stops the requests that match, each at point, until Release or
// Server.Close.
func (s *Server) Hold(m Match, point Point) *Hold { return &Hold{} }

// Arrived delivers each held request once it has reached the point.
func (h *Hold) Arrived() <-chan Request { return h.arrived }

// Release lets the held requests go on, and holds no more. It may be called
// more than once.
func (h *Hold) Release() {}
