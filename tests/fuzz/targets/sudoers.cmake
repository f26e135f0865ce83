daicho_fuzz(sudoers SOURCES ${CMAKE_CURRENT_LIST_DIR}/../sudoers_fuzz.cc DEPS daicho_sources)
