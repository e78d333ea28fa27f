package rows

import "context"

// readCSV, readYAML and readJSON read a single source.
func readCSV(origin string, content []byte, secret bool) ([]Row, error) {
	return read(func(into *collection, origin string, content []byte, secret bool) error {
		return parseCSV(into, origin, content, secret, nil)
	}, origin, content, secret)
}

func readYAML(origin string, content []byte, secret bool) ([]Row, error) {
	return read(parseYAML, origin, content, secret)
}

func readJSON(origin string, content []byte, secret bool) ([]Row, error) {
	return read(parseJSON, origin, content, secret)
}

func read(parse func(*collection, string, []byte, bool) error, origin string, content []byte, secret bool) ([]Row, error) {
	into := &collection{ctx: context.Background()}
	if err := parse(into, origin, content, secret); err != nil {
		return nil, err
	}
	return into.rows, nil
}

// validate validates rows without a deadline.
func validate(rows []Row, options Options) {
	if err := Validate(context.Background(), rows, options); err != nil {
		panic(err)
	}
}
