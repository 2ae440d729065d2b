"""The terminal belongs to the console alone, and is left as it was on every way out.

    with Terminal.claim() as terminal, Capture(engine_output, mode="process"):
        app = SomeApp(driver_class=driver_class_for(terminal))
        attach(app, terminal)
        app.run()

`Terminal` owns a private handle of the terminal and the guard process; `Capture` owns the
descriptors 0, 1 and 2. So the terminal is claimed first, while they still lead to it, and released
last, when they lead to it again. Nothing here imports Textual before it is needed.
"""
