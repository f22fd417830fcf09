"""What a person has to do: the inbox, the page of a task, handing it over."""
