"""Read the worked lines of a document, bind them, judge them, find the causes of slips."""
