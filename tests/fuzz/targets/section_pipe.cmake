daicho_fuzz(section_pipe SOURCES ${CMAKE_CURRENT_LIST_DIR}/../section_pipe_fuzz.cc DEPS daicho_cycle_pipe)
